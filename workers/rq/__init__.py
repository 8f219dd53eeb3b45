"""What this program adds to RQ: a queue that loses nothing, leases, and a worker for coroutines."""
