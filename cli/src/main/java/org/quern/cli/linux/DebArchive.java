package org.quern.cli.linux;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Reads single files out of a Debian package: an ar archive whose member {@code data.tar.*} holds
 * the files. Source: deb(5).
 */
final class DebArchive {
  /** Nothing we look for is larger; keeps a damaged header from asking for all memory. */
  private static final int MAX_FILE = 256 << 20;

  private DebArchive() {}

  /**
   * A file of the package.
   *
   * @param path without a leading {@code ./}
   */
  record Found(String path, byte[] content) {}

  /**
   * Finds the first regular file whose path (without a leading {@code ./}) is wanted.
   *
   * @throws IOException if the package is damaged or has no such file
   */
  static Found find(Path deb, Predicate<String> wanted) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(deb));
        ArArchiveInputStream ar = new ArArchiveInputStream(in)) {
      for (ArArchiveEntry e = ar.getNextEntry(); e != null; e = ar.getNextEntry()) {
        if (e.getName().startsWith("data.tar")) {
          return findInTar(deb, new TarArchiveInputStream(unpacked(e.getName(), ar)), wanted);
        }
      }
    } catch (RuntimeException e) {
      // The codecs report damage by whatever exception they come across.
      throw new IOException(deb + " is not a Debian package or damaged: " + e.getMessage(), e);
    }
    throw new IOException(deb + " is not a Debian package: it has no data.tar");
  }

  private static Found findInTar(Path deb, TarArchiveInputStream tar, Predicate<String> wanted)
      throws IOException {
    for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
      String name = e.getName().startsWith("./") ? e.getName().substring(2) : e.getName();
      if (e.isFile() && wanted.test(name)) {
        if (e.getSize() > MAX_FILE) {
          throw new IOException(deb + ": " + name + " claims " + e.getSize() + " bytes");
        }
        byte[] content = tar.readNBytes((int) e.getSize());
        if (content.length != e.getSize()) {
          throw new IOException(deb + " is truncated inside " + name);
        }
        return new Found(name, content);
      }
    }
    throw new FileNotFoundException(deb + " does not hold the file looked for");
  }

  private static InputStream unpacked(String member, InputStream in) throws IOException {
    return switch (member) {
      case "data.tar" -> in;
      case "data.tar.gz" -> new GzipCompressorInputStream(in);
      case "data.tar.xz" -> new XZInputStream(in);
      case "data.tar.zst" -> new ZstdInputStream(in);
      default -> throw new IOException(member + ": a compression that is not known");
    };
  }
}
