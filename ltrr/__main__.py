from ltrr.cli import main

main()
