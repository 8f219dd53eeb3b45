"""RQ workers: queues, the jobs that run on them, the event log that streams read, and recovery."""
