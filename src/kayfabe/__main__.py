"""python -m kayfabe"""

from kayfabe.cli import main

main()
