/**
 * What a processor sees of the world outside: ports, physical memory, its interrupt controller and
 * time. Implemented by the machine; declared here because the frontend depends on nothing.
 */
package org.quern.x86.bus;
