"""The event log: what a run appends while it works and what streams of any number of readers are made of.

One Redis stream for each task is the replayable log; the same entries are published for whoever follows live.
"""

from workers.event_log.entries import EntryId, Envelope
from workers.event_log.hub import Hub
from workers.event_log.publisher import Publisher

__all__ = ["EntryId", "Envelope", "Hub", "Publisher"]
