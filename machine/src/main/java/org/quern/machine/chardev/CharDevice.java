package org.quern.machine.chardev;

/** The guest's end of a {@link CharBackend}. All methods are called under the machine lock. */
public interface CharDevice {
  /** How many bytes {@link #receive} may be called with now; 0 while the device is full. */
  int room();

  /** Delivers one byte. Beyond {@link #room} it is lost as on a real line. */
  void receive(int b);

  /** Delivers a break condition. */
  void receiveBreak();

  /** The backend takes output again after it refused some. */
  void outputReady();
}
