/**
 * Linear to physical: page walks, the software TLB and every data access of a processor. Start with
 * {@link org.quern.x86.mmu.Mmu}.
 */
package org.quern.x86.mmu;
