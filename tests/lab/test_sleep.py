# SPDX-License-Identifier: MIT
"""PRODUCT 1: no polling."""
import time

import namespaces
import pytest
from namespaces import wait_until

WATCHED_S = 60


@pytest.mark.native
def test_an_idle_relay_makes_no_system_call_in_a_minute(idle_relay):
    """The minute began with the session; what is left of it is waited for."""
    left = idle_relay.since + WATCHED_S - time.monotonic()
    if left > 0:
        with pytest.raises(TimeoutError):
            wait_until("a system call", idle_relay.calls, left)
    assert not idle_relay.calls()
    assert idle_relay.relay.alive
    namespaces.stop(idle_relay.relay.process)
    assert idle_relay.calls(), "strace saw nothing, not even the end"
