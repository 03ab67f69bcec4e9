/** The parallel port: a printer that takes every byte at once. */
package org.quern.machine.parallel;
