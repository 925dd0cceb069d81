"""Operations on all tables of a person: linking, parting, a change of address, opt-outs, retention, the erasure log."""
