import asyncio
import io
import json
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded_server.administration.command_line import run_command
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.office_run import run_office
from embedded_server.administration.open_office import OpenOffice
from embedded_server.config import Settings
from tests.unit.embedded_server.administration.conftest import ControlledServer

CANARY = "canary in a coal mine"
