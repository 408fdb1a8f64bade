#define BODIES 4

__global__ void nbody_kernel(int n, const float *mass, const float3 *pos, float3 *next, float3 *vel, float dt,
                             float softening) {
    __shared__ float4 tile[BODIES];
    int i = blockIdx.x * BODIES + threadIdx.x;
    float3 me = i < n ? pos[i] : make_float3(0.0f, 0.0f, 0.0f);
    float3 a = make_float3(0.0f, 0.0f, 0.0f);
    for (int start = 0; start < n; start += BODIES) {
        int load = start + threadIdx.x;
        if (load < n) {
            tile[threadIdx.x] = make_float4(pos[load].x, pos[load].y, pos[load].z, mass[load]);
        }
        __syncthreads();
        for (int k = 0; k < BODIES && start + k < n; k++) {
            if (start + k == i) continue;
            float dx = tile[k].x - me.x;
            float dy = tile[k].y - me.y;
            float dz = tile[k].z - me.z;
            float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + softening);
            float pull = tile[k].w * inverse * inverse * inverse;
            a.x += pull * dx;
            a.y += pull * dy;
            a.z += pull * dz;
        }
        __syncthreads();
    }
    if (i < n) {
        float3 v = vel[i];
        v.x += dt * a.x;
        v.y += dt * a.y;
        v.z += dt * a.z;
        vel[i] = v;
        next[i] = make_float3(me.x + dt * v.x, me.y + dt * v.y, me.z + dt * v.z);
    }
}
