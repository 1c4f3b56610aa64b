"""Known vulnerabilities of what a lock names: `make audit`.

Ends with 1 where there is one, or where the lock cannot be read. Where the data about them cannot
be reached, it says so in one line and ends with 0.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

OSV = "https://api.osv.dev/v1/query"
DEADLINE_S = 600.0  # a question for each package
CONNECT_S = 15


def main() -> int:
    """The exit code, after what was found is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock")
    parser.add_argument("--osv-url", default=OSV)
    options = parser.parse_args()
    try:
        done = _audited(options.lock, "--osv-url", options.osv_url)
    except subprocess.TimeoutExpired:
        print(f"{options.lock}: NOT AUDITED: {options.osv_url} took more than {DEADLINE_S:g} s")
        return 0
    # Its exit code is 1 for a vulnerability as for every trouble: only the report tells.
    if done.stdout.strip():
        return _told(options.lock, json.loads(done.stdout)["dependencies"])
    collected = _audited(options.lock, "--dry-run")
    if collected.returncode:
        print(f"{options.lock}: cannot be audited: {collected.stderr.strip()}")
        return 1
    print(f"{options.lock}: NOT AUDITED: {options.osv_url} cannot be reached")
    return 0


def _audited(lock: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip_audit", "--requirement", lock, *options]
    command += ["--no-deps", "--disable-pip", "--vulnerability-service=osv", "--format=json"]
    command += ["--progress-spinner=off", f"--timeout={CONNECT_S}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def _told(lock: str, dependencies: list[dict[str, Any]]) -> int:
    found = [
        f"{each['name']} {each['version']}: {vulnerability['id']}, mended in"
        f" {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for each in dependencies
        for vulnerability in each.get("vulns", ())
    ]
    skipped = [
        f"{each['name']}: {each['skip_reason']}" for each in dependencies if "skip_reason" in each
    ]
    print(
        *found,
        *skipped,
        f"{lock}: {len(dependencies)} packages audited, {len(found)} faults",
        sep="\n",
    )
    return 1 if found or skipped else 0


if __name__ == "__main__":
    sys.exit(main())
