//! Putting together what a job sees of the file system.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use rustix::{
    mount::{
        MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
        mount_change, mount_remount, unmount,
    },
    process::pivot_root,
};

use super::{At as _, StepError};
use crate::sandbox::plan::{Access, Mount, Namespaces};

/// Devices without memory.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
const SHARED_MEMORY: &str = "mode=1777,size=256m";

/// The job's root while it is put together, and what has to become read-only in the end.
struct Root<'a> {
    at: &'a Path,
    ours: Vec<PathBuf>,
}

/// Puts the root together and moves into it; nothing else of the machine can be reached then.
pub(super) fn furnish(namespaces: &Namespaces) -> Result<(), StepError> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).at("part from the machine's mounts")?;
    let mut root = Root {
        at: &namespaces.root,
        ours: Vec::new(),
    };
    root.empty(Path::new("/"))?;
    for part in &namespaces.mounts {
        root.mount(part)?;
    }
    root.processes()?;
    root.devices()?;
    for folder in ["/run", "/tmp", "/var/tmp"] {
        fs::create_dir_all(root.inside(Path::new(folder))).at("make a folder")?;
    }
    for ours in root.ours.iter().rev() {
        let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
        mount_remount(ours, flags, "").at("close the root")?;
    }
    std::env::set_current_dir(root.at).at("enter the root")?;
    pivot_root(".", ".").at("change the root")?;
    unmount(".", UnmountFlags::DETACH).at("let go of the machine's root")?;
    std::env::set_current_dir("/").at("enter the root")
}

impl Root<'_> {
    fn inside(&self, path: &Path) -> PathBuf {
        let below = path.strip_prefix("/").unwrap_or(path);
        if below.as_os_str().is_empty() {
            self.at.to_owned()
        } else {
            self.at.join(below)
        }
    }

    fn mount(&mut self, part: &Mount) -> Result<(), StepError> {
        match part {
            Mount::Readable(path) => self.readable(path),
            Mount::Link { at, to } => {
                let at = self.inside(at);
                // What is there already leads to the same place.
                if fs::symlink_metadata(&at).is_err() && folder_for(&at).is_ok() {
                    symlink(to, &at).at("make a link")?;
                }
                Ok(())
            }
            Mount::Hidden(path) if self.inside(path).is_dir() => self.empty(path),
            Mount::Hidden(_) => Ok(()),
            Mount::Own { from, at, access } => {
                let at = self.inside(at);
                place(from, &at).at("make a place for the job's own")?;
                mount_bind(from, &at).at("show the job's own")?;
                match access {
                    Access::Read => read_only(&at),
                    Access::Write => Ok(()),
                }
            }
        }
    }

    // What the job's user may not get at on the machine it does not get at here.
    fn readable(&self, path: &Path) -> Result<(), StepError> {
        let at = self.inside(path);
        if place(path, &at).is_err() || mount_bind_recursive(path, &at).is_err() {
            return Ok(());
        }
        read_only(&at)
    }

    fn empty(&mut self, path: &Path) -> Result<(), StepError> {
        let at = self.inside(path);
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount("tmpfs", &at, "tmpfs", flags, c"mode=0755,size=16m").at("make an empty folder")?;
        self.ours.push(at);
        Ok(())
    }

    fn processes(&self) -> Result<(), StepError> {
        let at = self.inside(Path::new("/proc"));
        fs::create_dir_all(&at).at("make a folder")?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        mount("proc", &at, "proc", flags, c"").at("show the job's processes")
    }

    fn devices(&mut self) -> Result<(), StepError> {
        let at = self.inside(Path::new("/dev"));
        fs::create_dir_all(&at).at("make a folder")?;
        self.empty(Path::new("/dev"))?;
        for name in DEVICES {
            let (device, at) = (Path::new("/dev").join(name), at.join(name));
            place(&device, &at).at("make a place for a device")?;
            mount_bind(&device, &at).at("show a device")?;
        }
        for (name, to) in [
            ("fd", "/proc/self/fd"),
            ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"),
            ("ptmx", "pts/ptmx"),
        ] {
            symlink(to, at.join(name)).at("make a link")?;
        }
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        let memory = at.join("shm");
        fs::create_dir_all(&memory).at("make a folder")?;
        let options = std::ffi::CString::new(SHARED_MEMORY).at("name the options")?;
        mount("tmpfs", &memory, "tmpfs", flags, options.as_c_str()).at("make shared memory")?;
        let terminals = at.join("pts");
        fs::create_dir_all(&terminals).at("make a folder")?;
        let options = c"newinstance,ptmxmode=0666,mode=0620";
        let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
        mount("devpts", &terminals, "devpts", flags, options).at("make terminals")
    }
}

fn folder_for(at: &Path) -> io::Result<()> {
    at.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Makes something that `from` can be shown at.
fn place(from: &Path, at: &Path) -> io::Result<()> {
    if fs::metadata(from)?.is_dir() {
        return fs::create_dir_all(at);
    }
    folder_for(at)?;
    if !at.exists() {
        File::create(at)?;
    }
    Ok(())
}

/// Makes the mount at `at` and all below it read-only, and keeps what else was said of them, which the system
/// insists on.
fn read_only(at: &Path) -> Result<(), StepError> {
    let table = fs::read("/proc/self/mountinfo").at("list the mounts")?;
    let table = String::from_utf8_lossy(&table);
    for (point, options) in table.lines().filter_map(entry) {
        if point.starts_with(at) {
            let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | options;
            mount_remount(&point, flags, "").at("make a folder read-only")?;
        }
    }
    Ok(())
}

/// Where a mount is and what is said of it, from a line of the system's list.
fn entry(line: &str) -> Option<(PathBuf, MountFlags)> {
    let mut fields = line.split(' ').skip(4);
    let point = PathBuf::from(unescape(fields.next()?));
    let flags = fields.next()?.split(',').map(|option| match option {
        "nodev" => MountFlags::NODEV,
        "noexec" => MountFlags::NOEXEC,
        "noatime" => MountFlags::NOATIME,
        "nodiratime" => MountFlags::NODIRATIME,
        "relatime" => MountFlags::RELATIME,
        _ => MountFlags::empty(),
    });
    Some((point, flags.collect()))
}

// Spaces and the like stand there in three octal digits.
fn unescape(text: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (escaped, plain)| {
        text.replace(escaped, plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_list_of_mounts_is_understood() {
        let line = "36 35 98:0 /mnt1 /mnt\\0402 rw,nodev,noatime master:1 - ext3 /dev/root rw";
        let (point, flags) = entry(line).unwrap();
        assert_eq!(point, Path::new("/mnt 2"));
        assert_eq!(flags, MountFlags::NODEV | MountFlags::NOATIME);
        assert!(entry("36 35").is_none());
    }
}
