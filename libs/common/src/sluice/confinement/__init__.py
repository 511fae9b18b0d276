"""Child processes that read untrusted files: bounded, and without all that reading does not need.

No file may take a service down, so none of ours opens one in its own process: `child.py` starts
and talks to the children, `layers.py` says what they give up, `reader_limits.py` what they may use.
"""
