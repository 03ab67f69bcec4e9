/**
 * Guest faults: how the semantics of an instruction report an x86 exception to the engine. See
 * {@link org.quern.x86.fault.GuestFault}.
 */
package org.quern.x86.fault;
