/**
 * Streams of bytes between a device and the host, with flow control in both directions. Devices
 * implement {@link org.quern.machine.chardev.CharDevice}, hosts {@link
 * org.quern.machine.chardev.CharBackend}; {@link org.quern.machine.chardev.StreamBackend} is the
 * one for files, pipes and terminals.
 */
package org.quern.machine.chardev;
