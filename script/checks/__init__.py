"""The checks of script/lint that no tool brings: each module has faults(...) -> messages and main()."""
