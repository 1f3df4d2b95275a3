/**
 * What is known of the kernel's functions that map and unmap, as data.
 */

/** What an unmap is told: the address that the map returned, the page, or the object that both were given. */
type UnmapTakes = 'address' | 'page' | 'object';

/** A way to map: one function that maps, and what the walk has to know of it. */
export interface MapContract {
  readonly name: string;
  /** Which argument is the page (or list, or object) that is mapped, from 0. */
  readonly page: number;
  /** The functions that end the mapping. */
  readonly unmaps: readonly string[];
  /** The function that is named in advice. */
  readonly unmap: string;
  /** Whether mappings of this kind end in the reverse order of their beginning, and in the context that made them. */
  readonly isLocal: boolean;
  /** Whether nothing may sleep while it lasts. */
  readonly isAtomic: boolean;
  readonly maySleep: boolean;
  /** What a failed call returns; none if it cannot fail. */
  readonly fails: 'NULL' | 'errno' | 'false' | undefined;
  /** Where the address is: returned, or in the object (an iterator, an iosys_map). */
  readonly gives: 'address' | 'object';
  /** Whether a call whose result is not used leaves the address in the object: since Linux 6.15, this one does. */
  readonly givesToObject?: boolean;
  /** The field of the object that has the address. */
  readonly addressField?: string;
  /** Whether a call ends what an earlier call mapped for the same object. */
  readonly isReplaced?: boolean;
  /** The bytes that are mapped: one page, or as many as were asked for. */
  readonly reach: 'page' | 'asked';
  /** Whether nothing but its name says that it maps. */
  readonly isGuess?: boolean;
  /** On which kernels a leak of it does harm. */
  readonly bites: Bites;
  /** On which kernels its address ends with the unmap, if they are others. */
  readonly addressBites?: Bites;
}

/**
 * On which kernels a broken contract does harm: on all; with CONFIG_HIGHMEM only (elsewhere the page's address is its
 * permanent one); on 32-bit x86, where an io_mapping has no permanent mapping; or on none, so that it is broken by the
 * letter only.
 */
export type Bites = 'all' | 'highmem' | 'x86-32' | 'letter';

/** An unmap. */
export interface UnmapContract {
  readonly name: string;
  readonly takes: UnmapTakes;
  /** Which argument that is. */
  readonly argument: number;
  /** The page that is freed as well, if it is. */
  readonly alsoPuts?: number;
}

type Part = Partial<MapContract> & Pick<MapContract, 'name' | 'unmaps'>;

function map(given: Part): MapContract {
  return {
    page: 0,
    unmap: given.unmaps[0] ?? '',
    isLocal: false,
    isAtomic: false,
    maySleep: false,
    fails: undefined,
    gives: 'address',
    reach: 'page',
    bites: 'highmem',
    ...given,
  };
}

const LOCAL_UNMAPS = [
  'kunmap_local',
  '__kunmap_local',
  'folio_release_kmap',
  'unmap_and_put_page',
  'unmap_and_put_folio',
];

function local(name: string, given: Partial<MapContract> = {}): MapContract {
  return map({ name, unmaps: LOCAL_UNMAPS, isLocal: true, ...given });
}

function atomic(name: string, given: Partial<MapContract> = {}): MapContract {
  return map({
    name,
    unmaps: ['kunmap_atomic', '__kunmap_atomic', 'kunmap_atomic_notypecheck'],
    isLocal: true,
    isAtomic: true,
    // It disables preemption and page faults on every kernel: a leak of it is one everywhere.
    bites: 'all',
    addressBites: 'highmem',
    ...given,
  });
}

function area(name: string, unmap: string, given: Partial<MapContract> = {}): MapContract {
  return map({
    name,
    unmaps: [unmap],
    maySleep: true,
    fails: 'NULL',
    reach: 'asked',
    bites: 'all',
    ...given,
  });
}

// A buffer of a device, which is mapped until the same object is given to the unmap.
function buffer(name: string, unmap: string, given: Partial<MapContract> = {}): MapContract {
  return map({
    name,
    unmaps: [unmap],
    gives: 'object',
    fails: 'errno',
    reach: 'asked',
    bites: 'all',
    maySleep: true,
    ...given,
  });
}

/** The functions of Linux 5.10 to 7.2 that map, and their forms before. */
export const MAPS: readonly MapContract[] = [
  map({ name: 'kmap', unmaps: ['kunmap', '__kunmap'], maySleep: true }),
  atomic('kmap_atomic'),
  atomic('__kmap_atomic'),
  atomic('kmap_atomic_prot'),
  atomic('kmap_atomic_pfn'),
  local('kmap_local_page'),
  local('kmap_local_page_try_from_panic', { fails: 'NULL' }),
  local('kmap_local_page_prot'),
  local('kmap_local_folio'),
  local('kmap_local_pfn'),
  local('bvec_kmap_local'),
  local('memremap_local'),
  map({
    name: 'scatterwalk_map',
    unmaps: ['scatterwalk_unmap', 'scatterwalk_done_src', 'scatterwalk_done_dst'],
    isLocal: true,
    addressField: 'addr',
    givesToObject: true,
  }),
  // Of kernels before 5.10.
  map({ name: 'bh_kmap', unmaps: ['bh_kunmap'], maySleep: true }),
  atomic('crypto_kmap', { unmaps: ['crypto_kunmap'] }),
  atomic('kmap_skb_frag', { unmaps: ['kunmap_skb_frag'] }),
  atomic('bio_kmap_irq', { unmaps: ['bio_kunmap_irq'] }),
  atomic('__bio_kmap_irq', { unmaps: ['__bio_kunmap_irq'] }),
  atomic('__bio_kmap_atomic', { unmaps: ['__bio_kunmap_atomic'] }),
  map({ name: 'dma_buf_kmap', unmaps: ['dma_buf_kunmap'], maySleep: true, fails: 'NULL' }),
  map({
    name: 'bvec_kmap_irq',
    unmaps: ['bvec_kunmap_irq'],
    isLocal: true,
    isAtomic: true,
    bites: 'all',
    addressBites: 'highmem',
  }),
  // The entry that an iterator maps: the next call ends it, as does sg_miter_stop.
  map({
    name: 'sg_miter_next',
    unmaps: ['sg_miter_stop'],
    gives: 'object',
    reach: 'asked',
    fails: 'false',
    addressField: 'addr',
    isReplaced: true,
  }),
  area('vmap', 'vunmap'),
  area('vmap_pfn', 'vunmap'),
  area('vm_map_ram', 'vm_unmap_ram'),
  map({
    name: 'io_mapping_map_atomic_wc',
    unmaps: ['io_mapping_unmap_atomic'],
    isLocal: true,
    isAtomic: true,
    bites: 'all',
    addressBites: 'x86-32',
  }),
  map({
    name: 'io_mapping_map_local_wc',
    unmaps: ['io_mapping_unmap_local'],
    isLocal: true,
    bites: 'x86-32',
  }),
  map({
    name: 'io_mapping_map_wc',
    unmaps: ['io_mapping_unmap'],
    reach: 'asked',
    fails: 'NULL',
    bites: 'x86-32',
  }),
  buffer('dma_buf_vmap', 'dma_buf_vunmap', { page: 1, addressField: 'vaddr' }),
  buffer('dma_buf_vmap_unlocked', 'dma_buf_vunmap_unlocked', { page: 1, addressField: 'vaddr' }),
  buffer('drm_gem_vmap', 'drm_gem_vunmap', { page: 1, addressField: 'vaddr' }),
  buffer('drm_gem_vmap_unlocked', 'drm_gem_vunmap_unlocked', { page: 1, addressField: 'vaddr' }),
  buffer('ttm_bo_vmap', 'ttm_bo_vunmap', { page: 1, addressField: 'vaddr' }),
  buffer('ttm_bo_kmap', 'ttm_bo_kunmap', { page: 3, addressField: 'virtual' }),
  buffer('amdgpu_bo_kmap', 'amdgpu_bo_kunmap'),
  buffer('radeon_bo_kmap', 'radeon_bo_kunmap'),
  buffer('nouveau_bo_map', 'nouveau_bo_unmap'),
  buffer('qxl_bo_vmap', 'qxl_bo_vunmap'),
];

function pageTable(name: string, unmap: string, given: Partial<MapContract> = {}): MapContract {
  return map({
    name,
    unmaps: [unmap],
    isLocal: true,
    isAtomic: true,
    fails: 'NULL',
    reach: 'asked',
    // Since Linux 6.5 it fails where the table has just gone, and holds the read side of RCU, on every kernel.
    bites: 'all',
    addressBites: 'highmem',
    ...given,
  });
}

/** Maps of page tables: the same contract, asked for by an option because they are not in drivers. */
export const PAGE_TABLE_MAPS: readonly MapContract[] = [
  pageTable('pte_offset_map', 'pte_unmap'),
  pageTable('pte_offset_map_nested', 'pte_unmap_nested', { isLocal: false, fails: undefined }),
  pageTable('pte_alloc_map', 'pte_unmap', { page: 1, maySleep: true }),
  pageTable('pte_offset_map_nolock', 'pte_unmap', { page: 1 }),
  pageTable('pte_offset_map_ro_nolock', 'pte_unmap', { page: 1 }),
  pageTable('pte_offset_map_rw_nolock', 'pte_unmap', { page: 1 }),
  pageTable('pte_offset_map_lock', 'pte_unmap_unlock', { page: 1 }),
  pageTable('pte_alloc_map_lock', 'pte_unmap_unlock', { page: 1, maySleep: true }),
];

/** The functions that unmap. */
export const UNMAPS: readonly UnmapContract[] = [
  { name: 'kunmap', takes: 'page', argument: 0 },
  { name: '__kunmap', takes: 'page', argument: 0 },
  { name: 'kunmap_atomic', takes: 'address', argument: 0 },
  { name: '__kunmap_atomic', takes: 'address', argument: 0 },
  { name: 'kunmap_atomic_notypecheck', takes: 'address', argument: 0 },
  { name: 'kunmap_local', takes: 'address', argument: 0 },
  { name: '__kunmap_local', takes: 'address', argument: 0 },
  { name: 'folio_release_kmap', takes: 'address', argument: 1, alsoPuts: 0 },
  { name: 'unmap_and_put_page', takes: 'address', argument: 1, alsoPuts: 0 },
  { name: 'unmap_and_put_folio', takes: 'address', argument: 1, alsoPuts: 0 },
  { name: 'scatterwalk_unmap', takes: 'address', argument: 0 },
  { name: 'scatterwalk_done_src', takes: 'object', argument: 0 },
  { name: 'scatterwalk_done_dst', takes: 'object', argument: 0 },
  { name: 'bvec_kunmap_irq', takes: 'address', argument: 0 },
  { name: 'sg_miter_stop', takes: 'object', argument: 0 },
  { name: 'vunmap', takes: 'address', argument: 0 },
  { name: 'vm_unmap_ram', takes: 'address', argument: 0 },
  { name: 'io_mapping_unmap_atomic', takes: 'address', argument: 0 },
  { name: 'io_mapping_unmap_local', takes: 'address', argument: 0 },
  { name: 'io_mapping_unmap', takes: 'address', argument: 0 },
  { name: 'bh_kunmap', takes: 'page', argument: 0 },
  { name: 'crypto_kunmap', takes: 'address', argument: 0 },
  { name: 'kunmap_skb_frag', takes: 'address', argument: 0 },
  { name: 'bio_kunmap_irq', takes: 'address', argument: 0 },
  { name: '__bio_kunmap_irq', takes: 'address', argument: 0 },
  { name: '__bio_kunmap_atomic', takes: 'address', argument: 0 },
  { name: 'dma_buf_kunmap', takes: 'address', argument: 2 },
  { name: 'dma_buf_vunmap', takes: 'object', argument: 1 },
  { name: 'dma_buf_vunmap_unlocked', takes: 'object', argument: 1 },
  { name: 'drm_gem_vunmap', takes: 'object', argument: 1 },
  { name: 'drm_gem_vunmap_unlocked', takes: 'object', argument: 1 },
  { name: 'ttm_bo_vunmap', takes: 'object', argument: 1 },
  { name: 'ttm_bo_kunmap', takes: 'object', argument: 0 },
  { name: 'amdgpu_bo_kunmap', takes: 'object', argument: 0 },
  { name: 'radeon_bo_kunmap', takes: 'object', argument: 0 },
  { name: 'nouveau_bo_unmap', takes: 'object', argument: 0 },
  { name: 'qxl_bo_vunmap', takes: 'object', argument: 0 },
  { name: 'pte_unmap', takes: 'address', argument: 0 },
  { name: 'pte_unmap_nested', takes: 'address', argument: 0 },
  { name: 'pte_unmap_unlock', takes: 'address', argument: 0 },
];
