"""Who calls, and the parts of the app that serve them: what every route depends on."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from sluice.audit.records import Actor, Caller
from sluice.auth.access import User
from sluice.web.auth import Session
from sluice.web.caller import caller_of as caller_of  # noqa: PLC0414 - the routes take it from here
from sluice.web.problem_docs import problems as problems  # noqa: PLC0414 - as `caller_of`
from sluice.web.problems import Problem
from upload_api.parts import Parts


class View(BaseModel):
    """An answer's body: camelCase outside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def session_of(request: Request) -> Session:
    return await parts_of(request).authenticator.session_of(request)


async def user_of(request: Request) -> User:
    return (await session_of(request)).user


async def operator_of(user: Annotated[User, Depends(user_of)]) -> User:
    if not user.is_operator:
        raise Problem(403, "OPERATOR_ONLY", "This is for operators and admins.")
    return user


async def actor_of(
    user: Annotated[User, Depends(user_of)], caller: Annotated[Caller, Depends(caller_of)]
) -> Actor:
    return Actor(user_id=user.user_id, caller=caller)


AppParts = Annotated[Parts, Depends(parts_of)]
CurrentUser = Annotated[User, Depends(user_of)]
CurrentOperator = Annotated[User, Depends(operator_of)]
CurrentActor = Annotated[Actor, Depends(actor_of)]
CurrentSession = Annotated[Session, Depends(session_of)]
