/**
 * Exact floating-point arithmetic for binary32, binary64 and the 80-bit x87 format, with x86's
 * rounding, exceptions and NaN rules. Start at {@code SoftFloat}. Knows nothing of processors,
 * instructions or memory.
 */
package org.quern.x86.semantics.fp;
