import os

from hypothesis import settings

pytest_plugins = ["tests.command_line"]

settings.register_profile("pfexcel", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("pfexcel")
