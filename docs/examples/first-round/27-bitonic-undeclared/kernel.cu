__global__ void bitonic_step(int *a, int stride, int size) {
    int t = threadIdx.x + blockdim.x * blockIdx.x;
    int other = t ^ stride;
    if (other > t) {
        bool ascending = (t & size) == 0;
        if ((a[t] > a[other]) == ascending) {
            int kept = a[t];
            a[t] = a[other];
            a[other] = kept;
        }
    }
}
