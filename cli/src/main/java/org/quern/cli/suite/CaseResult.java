package org.quern.cli.suite;

/**
 * One case of a suite and how it ended.
 *
 * @param group what it belongs to, e.g. a group of the suite or a file of cases
 * @param name unique in its group
 * @param checks how many things it checked by its own count; 0 if it does not count
 * @param detail why it failed or was skipped, or what it says of itself; may be empty
 * @param seconds of host time
 * @param command runs this case alone
 */
public record CaseResult(
    String group,
    String name,
    Verdict verdict,
    long checks,
    String detail,
    double seconds,
    String command) {}
