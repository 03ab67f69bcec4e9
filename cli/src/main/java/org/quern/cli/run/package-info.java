/**
 * From checked options to a running machine and its exit code. Start at {@link
 * org.quern.cli.run.MachineRunner}. Composition and reporting only: what a device or a processor
 * does is in other modules.
 */
package org.quern.cli.run;
