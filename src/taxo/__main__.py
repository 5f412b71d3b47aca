"""`python -m taxo` is the command `taxo`."""

from taxo.cli import main

if __name__ == "__main__":
    main()
