/**
 * QEMU's fw_cfg device: how a machine hands tables, images and settings to firmware and kernels.
 * What is in it is the board's and the firmware module's business. Start with {@link
 * org.quern.machine.fwcfg.FwCfg}.
 */
package org.quern.machine.fwcfg;
