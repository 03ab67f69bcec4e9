package org.quern.cli.suite.moo;

/**
 * One instruction and what a real processor made of it.
 *
 * @param index its place in the file, from 0 on
 * @param name the instruction as text
 * @param initial everything before it
 * @param result what changed
 * @param mask bits of each register that are defined, by ordinal of {@link MooReg}
 * @param exception vector of the exception or interrupt it ended in, or -1 where the file does not
 *     tell
 * @param hash names the case in lists of wrong ones; may be empty
 */
record MooCase(
    int index,
    String name,
    MooState initial,
    MooState result,
    int[] mask,
    int exception,
    String hash) {}
