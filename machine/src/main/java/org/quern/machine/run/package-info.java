/**
 * Runs a board: a thread for each processor, reset, pause, power-off and the end of it all. Knows
 * accelerators only by their contract and boards only by {@link org.quern.machine.run.Board}. Start
 * with {@link org.quern.machine.run.Machine}.
 */
package org.quern.machine.run;
