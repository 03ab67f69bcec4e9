/** The benchmark's guest programs under every accelerator, and {@code quern bench} as a process. */
package org.quern.tests.bench;
