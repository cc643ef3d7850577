"""The plan of the fault tests."""

import pytest

from tests.faults.plan import FaultPlan, plan_from_environment


@pytest.fixture
def plan() -> FaultPlan:
    """How often each fault happens."""
    return plan_from_environment()
