package org.quern.machine.mem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.quern.machine.core.MmioDevice;

/**
 * Windows of memory-mapped devices. The board's own windows are fixed, and two of them that overlap
 * are a bug; windows that the guest moves about (PCI BARs) give way to everything that was there
 * before them: a guest mistake is never an error.
 *
 * <p>Threading: {@link #find} from any thread; changes under the machine lock.
 */
public final class MmioMap {
  /** One window. */
  public record Window(String name, long start, long bytes, MmioDevice device) {
    public Window {
      if (bytes <= 0 || start < 0 || start + bytes < 0) {
        throw new IllegalArgumentException(
            "bad window " + name + " at " + Long.toHexString(start) + " length " + bytes);
      }
    }

    boolean overlaps(Window other) {
      return start < other.start + other.bytes && other.start < start + bytes;
    }

    boolean contains(long physical) {
      return physical - start >= 0 && physical - start < bytes;
    }
  }

  private final List<Window> fixed = new ArrayList<>();

  /** All visible windows by address; replaced as a whole. */
  private volatile Window[] visible = {};

  /**
   * Adds one of the board's windows.
   *
   * @throws IllegalArgumentException if it overlaps another
   */
  public void add(String name, long start, long bytes, MmioDevice device) {
    Window w = new Window(name, start, bytes, device);
    for (Window other : fixed) {
      if (w.overlaps(other)) {
        throw new IllegalArgumentException(
            String.format("%s at %x overlaps %s at %x", name, start, other.name, other.start));
      }
    }
    fixed.add(w);
    movable(List.of());
  }

  /**
   * Replaces all movable windows. One that overlaps a fixed window or an earlier one of the list
   * stays invisible.
   *
   * @return how many of them are visible
   */
  public int movable(List<Window> windows) {
    List<Window> all = new ArrayList<>(fixed);
    for (Window w : windows) {
      if (all.stream().noneMatch(w::overlaps)) {
        all.add(w);
      }
    }
    all.sort(Comparator.comparingLong(Window::start));
    visible = all.toArray(new Window[0]);
    return all.size() - fixed.size();
  }

  /** The window that holds an address, or null. */
  public Window find(long physical) {
    Window[] windows = visible;
    int low = 0;
    int high = windows.length - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      Window w = windows[mid];
      if (physical < w.start) {
        high = mid - 1;
      } else if (w.contains(physical)) {
        return w;
      } else {
        low = mid + 1;
      }
    }
    return null;
  }

  /** All visible windows by address. */
  public List<Window> windows() {
    return List.of(visible);
  }
}
