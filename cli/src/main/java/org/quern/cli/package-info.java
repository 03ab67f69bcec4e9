/**
 * The {@code quern} command. Start at {@link org.quern.cli.Main}: the first argument is a verb
 * ({@code linux}, {@code demo}, {@code version}, {@code help}) or the first of QEMU's options.
 * Options become an immutable {@code RunOptions}, checked as a whole before anything is created.
 * This module is the only place that names concrete accelerators and boards, and the only one that
 * prints.
 */
package org.quern.cli;
