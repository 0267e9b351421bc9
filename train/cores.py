"""Number of cores that this process may use: those of its affinity, and not more than the quota of its container."""

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of cgroup v2: "<microseconds or max> <period>"


def cores(quota: Path = QUOTA) -> int:
    """Cores, at least 1; a quota of one and a half is two."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        limit, period = quota.read_text().split()
        allowed = math.inf if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no container, or an older cgroup
        return count
    return max(1, min(count, math.ceil(allowed)) if math.isfinite(allowed) else count)
