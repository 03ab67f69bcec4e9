/**
 * The command line of {@code quern bench}: what to measure, and the commands that run each
 * accelerator. Measuring itself is the module {@code bench}. Start with {@code BenchOptions}.
 */
package org.quern.cli.bench;
