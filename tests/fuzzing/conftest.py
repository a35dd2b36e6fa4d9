from tests.fuzzing import harness


def pytest_terminal_summary(terminalreporter):
    if not harness.OUTCOMES:
        return
    n_calls = sum(sum(counts.values()) for counts in harness.OUTCOMES.values())
    terminalreporter.section(f"fuzzing: {n_calls} calls, seed {harness.SEED}")
    if harness.IS_LONG:
        terminalreporter.write_line(harness.table())
        found = sorted(harness.FAILURES.values(), key=lambda each: -each[1].total())
        for text, owners in found:
            terminalreporter.write_line(f"\n{owners.total()} times: {text}")
            terminalreporter.write_line(f"    in all: {dict(owners)}")
