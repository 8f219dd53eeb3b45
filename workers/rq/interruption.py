"""What ends a job before its body does: each reason is the text of the cancellation that the body gets."""

STOP, SHUTDOWN, TIMEOUT, FENCED = "stop", "shutdown", "timeout", "fenced"


class TakenBack(Exception):
    """The job was put back into its queue before this worker, which had been frozen, could start it."""


class Interrupted(Exception):
    """The job was cancelled and gave no result; the text says by what."""
