"""TypeScript's check of the plain ES modules below static/, by their JSDoc; nothing is compiled.

The pages' and the field app's modules see the window's types (tsconfig.json), a service worker those of
a worker (tsconfig.worker.json). What a module imports from ../vendor/ is looked up in the npm package
that config/settings.py serves there.
"""

import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
TSC = BASE_DIR / "node_modules" / ".bin" / "tsc"
WORKER = BASE_DIR / "static" / "field" / "sw.js"
VENDOR = {
    "idb": "idb/build",
    "pbf": "pbf",
}  # address below vendor/ -> folder of node_modules with its types


def link_vendor(root: Path) -> None:
    """Make root/vendor/<name> point to the types of what the site serves as vendor/<name>."""
    folder = root / "vendor"
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in VENDOR.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(BASE_DIR / "node_modules" / build)


def faults(config: Path) -> list[str]:
    """Return what tsc finds with one configuration, a line each."""
    done = subprocess.run(
        [TSC, "--project", config, "--pretty", "false"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def main() -> int:
    link_vendor(BASE_DIR / "var" / "typecheck")
    configs = ["tsconfig.json"] + (["tsconfig.worker.json"] if WORKER.exists() else [])
    found = [fault for config in configs for fault in faults(BASE_DIR / config)]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
