/**
 * Raw host memory that holds guest RAM. {@link org.quern.x86.mem.HostMemory} is the only class of
 * Quern that touches memory unsafely.
 */
package org.quern.x86.mem;
