/**
 * VMX as hardware has it: the VMCS, the VMX instructions, VM entries, VM exits and EPT. Source: SDM
 * vol. 3C, chapters 23 to 30 and appendices A to C.
 *
 * <p>Start with {@link org.quern.x86.vmx.Vmx}, what a processor keeps for VMX operation. While
 * {@code Cpu.nonRoot} is not null the processor is in VMX non-root operation: handlers of sensitive
 * instructions ask that object. Nothing here executes guest code, and nothing here knows a VMM.
 */
package org.quern.x86.vmx;
