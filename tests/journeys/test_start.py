"""The program on a machine with nothing on it: services of its own, a first owner, a quick end."""

import signal
import time
from pathlib import Path

from tests.contract.operations import protected
from tests.journeys.program import running
from tests.journeys.resources import assert_uniform
from tests.patience import slowness

SETUP = {"email": "grace@example.com", "name": "Grace", "password": "compiler-1952"}


def test_a_bare_start_asks_for_its_owner_and_ends_within_ten_seconds(tmp_path: Path) -> None:
    with running(tmp_path, PARLEY_OWNER_EMAIL="", PARLEY_OWNER_PASSWORD="") as program:
        with program.client("/console/api") as client:
            assert client.get("/setup").json()["step"] == "not_started"
            assert client.get("/init").json() == {"status": "finished"}, "nobody has set an initial password"
            assert_uniform(client.post("/init", json={"password": "guess"}), 401, "init_validate_failed")
            for operation in protected():
                if operation.tier == "console":
                    early = client.request(operation.method, program.url + operation.url())
                    assert_uniform(early, 401, "not_setup")
            early = client.post("/login", json={"email": SETUP["email"], "password": SETUP["password"]})
            assert early.status_code == 401
            assert client.post("/setup", json=SETUP).status_code == 201
            assert_uniform(client.post("/setup", json=SETUP), 403, "already_setup")
            login = client.post("/login", json={"email": SETUP["email"], "password": SETUP["password"]})
            assert login.status_code == 200
        with program.client() as anybody:
            assert anybody.get("/metrics").status_code == 200, "figures are open where no token guards them"
        began = time.monotonic()
        assert program.process.stop((signal.SIGINT, 60)) == 0
        took = time.monotonic() - began
    assert took < 10 * slowness()
