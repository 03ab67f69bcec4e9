/**
 * SingleStepTests in the MOO format: instructions that real processors were seen to execute, one
 * case each. Start with {@code MooSuite}; {@code MooFile} reads, {@code MooMachine} executes,
 * {@code MooCheck} compares.
 */
package org.quern.cli.suite.moo;
