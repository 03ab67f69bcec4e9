package org.quern.cli.holes;

/**
 * One sensitive instruction in a piece of kernel code.
 *
 * @param name the instruction, as the table shows it
 * @param reads whether it reads state of the processor; otherwise it changes state, or what it does
 *     depends on the privilege level
 * @param unprivileged whether user code may execute it, too: what Popek and Goldberg forbid
 * @param body assembly; the label {@code probe} is at the instruction itself. Results go to {@code
 *     RESULT} and {@code RESULT + 4}
 * @param first what has to be at RESULT behind it, as in ring 0
 * @param second what has to be behind that
 */
record Probe(
    String name, boolean reads, boolean unprivileged, String body, int first, int second) {}
