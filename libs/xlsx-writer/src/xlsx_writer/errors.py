"""What a caller can be told when a workbook cannot hold what it was given."""


class WorkbookError(ValueError):
    """A workbook cannot be written as asked."""


class UnwritableCellError(WorkbookError):
    """A value has no faithful form in a cell; the message names the cell."""


class SheetFullError(WorkbookError):
    """The sheet has no room for more; the message names the limit and what to do."""
