/**
 * Benchmarks: the guest programs that every accelerator runs ({@code program}) and what runs them
 * side by side as processes ({@code run}). The JMH benchmarks of single pieces are in the test
 * sources. Nothing here names an accelerator's class: they are known by the command that runs them.
 */
package org.quern.bench;
