import type { Distribution } from './distribution.ts'

/** What a machine can lack. */
export type Ailment =
  | 'bubblewrap'
  | 'bubblewrap-old'
  | 'apparmor'
  | 'namespaces'
  | 'compiler'
  | 'sanitizers'
  | 'gcov'
  | 'cgroups'
  | 'driver'
  | 'gpu-files'
  | 'gpu-no-files'
  | 'mig'
  | 'cudart'
  | 'checker'
  | 'nvcc'
  | 'nvcc-arch'
  | 'disk'
  | 'node'

/** Lines to type, in order. `other` stands for a distribution that is not here: its line says what is needed. */
type Remedy = Readonly<Record<Distribution, readonly string[]>>

const everywhere = (...lines: string[]): Remedy => ({ debian: lines, ubuntu: lines, fedora: lines, arch: lines, other: lines })

const SYSCTL =
  "printf 'user.max_user_namespaces=15000\\nkernel.unprivileged_userns_clone=1\\n' | sudo tee /etc/sysctl.d/99-kernelswarm.conf && sudo sysctl --system"
/** Kernels without Debian's switch refuse its name. */
const SYSCTL_PLAIN =
  "printf 'user.max_user_namespaces=15000\\n' | sudo tee /etc/sysctl.d/99-kernelswarm.conf && sudo sysctl --system"

const RPM_FUSION = (part: 'free' | 'nonfree') =>
  `https://mirrors.rpmfusion.org/${part}/fedora/rpmfusion-${part}-release-$(rpm -E %fedora).noarch.rpm`
const CUDA_REPOSITORY =
  'https://developer.download.nvidia.com/compute/cuda/repos/fedora$(rpm -E %fedora)/x86_64/cuda-fedora$(rpm -E %fedora).repo'

/** Distributions have one toolkit, NVIDIA's archive has all. */
const OTHER_TOOLKIT =
  'install a toolkit that knows the GPU from https://developer.nvidia.com/cuda-toolkit-archive   # 12.x for those before sm_75'
const CHMOD = 'sudo chmod 0666 /dev/nvidia*   # as the driver makes them; NVreg_DeviceFileMode keeps it so'

export const REMEDIES: Readonly<Record<Ailment, Remedy>> = {
  bubblewrap: {
    debian: ['sudo apt-get install -y bubblewrap'],
    ubuntu: ['sudo apt-get install -y bubblewrap'],
    fedora: ['sudo dnf install -y bubblewrap'],
    arch: ['sudo pacman -S --needed bubblewrap'],
    other: ['install bubblewrap 0.5 or later with your package manager'],
  },
  'bubblewrap-old': {
    debian: ['sudo apt-get update && sudo apt-get install -y bubblewrap   # Debian 12 or later; Debian 11 has none new enough'],
    ubuntu: ['sudo apt-get update && sudo apt-get install -y bubblewrap'],
    fedora: ['sudo dnf upgrade -y bubblewrap'],
    arch: ['sudo pacman -Syu bubblewrap'],
    other: ['install bubblewrap 0.5 or later with your package manager'],
  },
  apparmor: {
    debian: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
    ubuntu: [
      'sudo apt-get install -y apparmor-profiles',
      'sudo ln -sf /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/bwrap-userns-restrict',
      'sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict',
    ],
    fedora: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
    arch: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
    other: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
  },
  namespaces: {
    debian: [SYSCTL],
    ubuntu: [SYSCTL],
    fedora: [SYSCTL_PLAIN],
    arch: [SYSCTL_PLAIN],
    other: ['let unprivileged users make user namespaces (sysctl user.max_user_namespaces above 0)'],
  },
  compiler: {
    debian: ['sudo apt-get install -y g++'],
    ubuntu: ['sudo apt-get install -y g++'],
    fedora: ['sudo dnf install -y gcc-c++'],
    arch: ['sudo pacman -S --needed gcc'],
    other: ['install GCC with C++ (g++) with your package manager'],
  },
  gcov: {
    debian: ['sudo apt-get install -y g++'],
    ubuntu: ['sudo apt-get install -y g++'],
    fedora: ['sudo dnf install -y gcc-c++'],
    arch: ['sudo pacman -S --needed gcc'],
    other: ['install the gcov and libgcov of your version of GCC with your package manager'],
  },
  sanitizers: {
    debian: ['sudo apt-get install -y g++ binutils'],
    ubuntu: ['sudo apt-get install -y g++ binutils'],
    fedora: ['sudo dnf install -y libasan libubsan binutils'],
    arch: ['sudo pacman -S --needed gcc gcc-libs binutils'],
    other: ["install GCC's sanitizer libraries (libasan, libubsan) and binutils with your package manager"],
  },
  cgroups: everywhere('systemd-run --user --scope -p Delegate=yes ./bin/kernelswarm node start --coordinator MULTIADDR'),
  driver: {
    debian: ['sudo apt-get install -y nvidia-driver   # from the component non-free'],
    ubuntu: ['sudo ubuntu-drivers install'],
    fedora: [`sudo dnf install -y ${RPM_FUSION('free')} ${RPM_FUSION('nonfree')}`, 'sudo dnf install -y akmod-nvidia'],
    arch: ['sudo pacman -S --needed nvidia-open'],
    other: ['install the driver from https://www.nvidia.com/drivers'],
  },
  'gpu-files': {
    ...everywhere(CHMOD),
    debian: [
      'sudo usermod -aG video "$USER"   # then log in anew: Debian gives them to that group; a node run by root needs:',
      CHMOD,
    ],
  },
  'gpu-no-files': everywhere('sudo nvidia-modprobe -u -c=0'),
  mig: everywhere('sudo nvidia-smi mig -cgi 0 -C   # one slice; or sudo nvidia-smi -mig 0 to have the whole card'),
  cudart: {
    debian: ['sudo apt-get install -y nvidia-cuda-dev   # from the component non-free'],
    ubuntu: ['sudo apt-get install -y nvidia-cuda-dev'],
    fedora: ['sudo dnf install -y cuda-cudart-devel'],
    arch: ['sudo pacman -S --needed cuda'],
    other: ['install the CUDA runtime for developers (cuda-cudart-dev) from https://developer.nvidia.com/cuda-downloads'],
  },
  checker: {
    debian: ['sudo apt-get install -y nvidia-cuda-toolkit   # from the component non-free'],
    ubuntu: ['sudo apt-get install -y nvidia-cuda-toolkit'],
    fedora: ['sudo dnf install -y cuda-sanitizer'],
    arch: ['sudo pacman -S --needed cuda'],
    other: ['install compute-sanitizer (cuda-sanitizer) from https://developer.nvidia.com/cuda-downloads'],
  },
  nvcc: {
    debian: ['sudo apt-get install -y nvidia-cuda-toolkit   # from the component non-free'],
    ubuntu: ['sudo apt-get install -y nvidia-cuda-toolkit'],
    fedora: [`sudo dnf config-manager addrepo --from-repofile=${CUDA_REPOSITORY}`, 'sudo dnf install -y cuda-toolkit'],
    arch: ['sudo pacman -S --needed cuda'],
    other: ['install the CUDA toolkit from https://developer.nvidia.com/cuda-downloads'],
  },
  'nvcc-arch': {
    debian: [OTHER_TOOLKIT],
    ubuntu: [OTHER_TOOLKIT],
    fedora: ['sudo dnf upgrade -y cuda-toolkit   # for a newer GPU', OTHER_TOOLKIT],
    arch: ['sudo pacman -Syu cuda   # for a newer GPU', OTHER_TOOLKIT],
    other: [OTHER_TOOLKIT],
  },
  disk: everywhere('free some room there, or set XDG_CACHE_HOME to a folder that has it'),
  node: everywhere('npm ci   # brings a new enough Node, which ./bin/kernelswarm takes'),
}

export function remedyFor(ailment: Ailment, distribution: Distribution): readonly string[] {
  return REMEDIES[ailment][distribution]
}
