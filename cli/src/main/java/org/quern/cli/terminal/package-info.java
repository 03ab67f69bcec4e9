/**
 * The user's end of the machine: the terminal in raw mode, Ctrl-A as QEMU has it, and the monitor.
 * Start at {@link org.quern.cli.terminal.StdioConsole}. Nothing here knows how a machine works; it
 * asks {@link org.quern.cli.terminal.MachineControl}.
 */
package org.quern.cli.terminal;
