/** Whole guests, from the command line's options to the exit code. Tagged {@code boot}. */
package org.quern.tests.boot;
