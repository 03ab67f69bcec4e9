package org.quern.machine.pci;

/** A function with nothing but a header. */
final class FakeFunction implements PciFunction {
  final PciConfigSpace config = new PciConfigSpace(0x1234, 0x5678, 1, 0x02_0000);

  @Override
  public PciConfigSpace config() {
    return config;
  }

  @Override
  public void configWritten(int offset, int size) {}

  @Override
  public void addWindows(PciWindows windows) {}

  @Override
  public void reset() {
    config.reset();
  }
}
